import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { newFolder, open } from './stored.ts'

const children: ChildProcess[] = []
after(() => children.forEach(child => child.kill('SIGKILL')))

/** Another process that has the store open. */
async function holder(folder: string): Promise<ChildProcess> {
  const program = `
    import { open } from ${JSON.stringify(join(import.meta.dirname, 'stored.ts'))}
    await open(process.argv[1])
    console.log('open')
    setInterval(() => {}, 1000)`
  const args = ['--input-type=module', '-e', program, folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout!, 'data')
  return child
}

describe('a store that somebody has open', () => {
  it('is refused with the pid of who has it, until that process is gone', async () => {
    const folder = newFolder()
    const child = await holder(folder)
    await assert.rejects(open(folder), {
      name: 'StoreError',
      code: 'STORE_HELD',
      message: `${folder} is held by process ${child.pid}: end it first`,
    })
    child.kill('SIGKILL')
    await once(child, 'close')
    await (await open(folder)).close()
  })

  it('is refused to the same process too, and the first goes on', async () => {
    const folder = newFolder()
    const store = await open(folder)
    await assert.rejects(open(folder), {
      code: 'STORE_HELD',
      message: new RegExp(`held by this process \\(${process.pid}\\)`),
    })
    await store.commit({ notes: [{ kind: 'setting', key: 'x', value: new Uint8Array(1) }] })
    await store.close()
    const again = await open(folder)
    assert.ok(again.note('setting', 'x'))
    await again.close()
  })

  it('is told from one whose holder wrote no pid', async () => {
    const folder = newFolder()
    const store = await open(folder)
    for (const text of ['', 'nonsense', '4194305\n', '-1']) {
      writeFileSync(join(folder, 'holder'), text)
      await assert.rejects(open(folder), { code: 'STORE_HELD', message: /held by another process/ })
    }
    await store.close()
  })

  it('is had by one only of several that try at once', async () => {
    const folder = newFolder()
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => open(folder)))
    const stores = all.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    assert.equal(stores.length, 1)
    await stores[0]!.close()
  })
})

describe('a folder that can’t be used', () => {
  it('is named with what the system says', async () => {
    const file = newFolder()
    writeFileSync(file, '')
    await assert.rejects(open(file), { code: 'STORE_IO', message: /EEXIST/ })
    await assert.rejects(open(join(file, 'x')), { code: 'STORE_IO', message: /ENOTDIR/ })
  })
})
