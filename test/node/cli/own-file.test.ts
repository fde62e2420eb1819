import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { NewFile } from '../../../node/cli/new-file.ts'
import { explainFile, FileError, withFile } from '../../../node/cli/own-file.ts'

const here = mkdtempSync(join(tmpdir(), 'blocktree-files-'))
after(() => rmSync(here, { recursive: true }))
const at = (name: string) => join(here, name)
writeFileSync(at('file'), 'text')
mkdirSync(at('folder'))

/** What the system says, and in which words that comes. */
const read = (file: string) => () => readFile(file)
const write = (file: string) => () => open(file, 'wx')
const fails = async (file: string, work: () => Promise<unknown>) =>
  withFile(file, work.toString().includes('wx') ? 'write' : 'read', work).then(
    () => assert.fail(`${file} was no error`),
    (error: unknown) => {
      assert.ok(error instanceof FileError && error.message.includes(file), String(error))
      assert.doesNotMatch(error.message, /^E[A-Z]+:|syscall/)
      assert.ok(error.cause instanceof Error)
      return `${error.code} ${error.message.replace(file, 'FILE')}`
    },
  )

describe('an error of a person’s own file', () => {
  it('names the file, and says what to do', async () => {
    const rows: [string, () => Promise<unknown>, string][] = [
      [at('none'), read(at('none')), 'FILE_MISSING there is no file FILE: look for a slip'],
      [at('no/x'), write(at('no/x')), 'FILE_MISSING there is no folder for FILE: make it first'],
      [at('folder'), read(at('folder')), 'FILE_IS_FOLDER FILE is a folder, a file expected'],
      [at('file/x'), read(at('file/x')), 'FILE_NO_FOLDER a part of FILE is a file and no folder'],
      ['/sys/x', write('/sys/x'), 'FILE_NO_PERMISSION no permission to write FILE'],
      [at('n'.repeat(256)), write(at('n'.repeat(256))), 'FILE_NAME FILE can’t be the name'],
    ]
    for (const [file, work, says] of rows)
      assert.ok((await fails(file, work)).startsWith(says), `${file}: ${await fails(file, work)}`)
  })

  it('that is hard to come by is named too', async () => {
    const full = await open('/dev/full', 'w')
    const error = await full.writeFile('x').catch((error: unknown) => error)
    await full.close()
    const { code, message } = explainFile('stick', 'write', error) as FileError
    assert.deepEqual(
      [code, message.split(':')[0]],
      ['FILE_NO_ROOM', 'there is no room left for stick'],
    )
    const other = (code: string) =>
      (
        explainFile(
          'f',
          'read',
          Object.assign(new Error('x'), { code, syscall: 'read' }),
        ) as FileError
      ).code
    assert.deepEqual(['EROFS', 'EIO'].map(other), ['FILE_READ_ONLY', 'FILE_FAILED'])
  })

  it('is left as it is when it is none', async () => {
    const mine = new TypeError('not of a file')
    assert.equal(explainFile('f', 'read', mine), mine)
    assert.equal(explainFile('f', 'read', 7), 7)
  })
})

describe('a new file', () => {
  const names = () => readdirSync(here).filter(name => name.endsWith('.part'))

  it('appears when it is ended, also with the longest name there is', async () => {
    const file = at('n'.repeat(255))
    const made = await NewFile.begin(file, false)
    await made.write(Buffer.from('text'))
    assert.equal(readdirSync(here).includes('n'.repeat(255)), false)
    await made.end()
    await made.close()
    assert.deepEqual([readFileSync(file, 'utf8'), names()], ['text', []])
  })

  it('does not appear when it is not ended', async () => {
    const made = await NewFile.begin(at('half'), false)
    await made.write(Buffer.from('te'))
    assert.equal(names().length, 1)
    await made.close()
    assert.deepEqual([readdirSync(here).includes('half'), names()], [false, []])
  })

  it('replaces nothing unasked, also what was made meanwhile, and no device at all', async () => {
    await assert.rejects(NewFile.begin(at('file'), false), { code: 'LINE_VALUE' })
    const made = await NewFile.begin(at('meanwhile'), false)
    writeFileSync(at('meanwhile'), 'theirs')
    await assert.rejects(made.end(), { code: 'LINE_VALUE' })
    await made.close()
    assert.deepEqual([readFileSync(at('meanwhile'), 'utf8'), names()], ['theirs', []])
    await assert.rejects(NewFile.begin('/dev/null', true), /no ordinary file/)
    await assert.rejects(NewFile.begin(at('folder'), true), /is a folder/)
  })
})
