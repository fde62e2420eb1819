import assert from 'node:assert/strict'
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/erofs.ts'
import { run } from '../../../image/spawn.ts'
import { find, lacking } from '../disk/tools.ts'
import { steps } from './call.ts'

const FIXED = '--uuid 11111111-2222-8333-8444-555555555555 --time 1700000000'

describe('verb erofs', () => {
  const { at, call, end } = steps()
  after(end)

  /** The same tree, made in one order or the other, with a hard link or two files. */
  function tree(name: string, names: readonly string[], linked: boolean): void {
    mkdirSync(at(name))
    for (const file of names) {
      writeFileSync(at(name, file), file.repeat(3000))
      chmodSync(at(name, file), 0o640)
    }
    writeFileSync(at(name, 'one'), 'same')
    if (linked) linkSync(at(name, 'one'), at(name, 'two'))
    else writeFileSync(at(name, 'two'), 'same')
    symlinkSync('one', at(name, 'link'))
    for (const file of ['one', 'two']) chmodSync(at(name, file), 0o4755)
    chmodSync(at(name), 0o755)
  }
  const names = Array.from({ length: 200 }, (_, i) => `file-${(i * 7919) % 200}`)
  tree('a', names, true)
  tree('b', names.toReversed(), false)

  for (const compress of ['', '--compress lz4hc,12'])
    it(
      `does not care for order, hard links, time zone or locale ${compress}`,
      { skip: lacking('mkfs.erofs') },
      async () => {
        await call(verb, `a a.erofs ${FIXED} ${compress}`)
        writeFileSync(at('b.erofs'), Buffer.alloc(9_000_000, 'old'))
        await call(verb, `b b.erofs ${FIXED} ${compress}`, {
          TZ: 'Asia/Tokyo',
          LC_ALL: 'tr_TR.UTF-8',
        })
        assert.ok(readFileSync(at('a.erofs')).equals(readFileSync(at('b.erofs'))))
        assert.equal(readFileSync(at('a.erofs')).length % 4096, 0)
      },
    )

  it('keeps modes and contents', { skip: lacking('mkfs.erofs', 'fsck.erofs') }, async () => {
    await call(verb, `a c.erofs ${FIXED}`)
    await run(find('fsck.erofs')!, [`--extract=${at('unpacked')}`, at('c.erofs')])
    assert.equal(readFileSync(at('unpacked', 'file-7'), 'utf8'), 'file-7'.repeat(3000))
    const { stdout } = await run('stat', ['-c', '%a %F', at('unpacked', 'two')])
    assert.equal(stdout.toString(), '4755 regular file\n')
  })

  it('names the option that is wrong', async () => {
    await assert.rejects(call(verb, 'a x.erofs --uuid u --time now'), /--time is 'now'/)
    await assert.rejects(call(verb, `a x.erofs ${FIXED} --compress -x`), /compress/)
    await assert.rejects(call(verb, `a x.erofs ${FIXED} --compress lz4;rm`), /--compress is/)
    await assert.rejects(call(verb, 'a x.erofs'), /usage: erofs/)
  })

  it('says it when the program is missing', async () => {
    await assert.rejects(call(verb, `a x.erofs ${FIXED}`, { PATH: at('empty') }), {
      code: 'SPAWN_NOT_FOUND',
    })
  })
})
