/** The store of downloads: nothing is given out that is not what was pinned. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  chmodSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openStore, type Pin } from '../../../image/fetch/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'store-'))
after(() => rmSync(folder, { recursive: true }))
const store = openStore(join(folder, 'downloads'))

const pinOf = (text: string, kind: 'sha256' | 'sha512' = 'sha256'): Pin =>
  `${kind}:${hash(kind, text)}` as Pin

/** A file beside the store, to be taken. */
function file(text: string): string {
  const path = join(folder, 'incoming')
  writeFileSync(path, text)
  return path
}

describe('store of downloads', () => {
  it('takes what fits its pin, for both hashes', async () => {
    for (const kind of ['sha256', 'sha512'] as const) {
      const pin = pinOf('hello', kind)
      assert.equal(await store.has(pin), undefined)
      assert.equal(await store.take(file('hello'), pin), true)
      assert.equal(await store.has(pin), store.path(pin))
      assert.equal(readFileSync(store.path(pin), 'utf8'), 'hello')
      assert.equal(statSync(store.path(pin)).mode & 0o777, 0o444)
    }
  })

  it('removes what does not', async () => {
    const path = file('hullo')
    assert.equal(await store.take(path, pinOf('other')), false)
    assert.ok(!existsSync(path) && !existsSync(store.path(pinOf('other'))))
  })

  it('finds out what was cut, altered or replaced since, and forgets it', async () => {
    const harm: ((path: string) => void)[] = [
      path => truncateSync(path, 3),
      path => writeFileSync(path, 'HELLO'),
      path => writeFileSync(path, ''),
      path => (rmSync(path), symlinkSync('/dev/null', path)),
      path => (rmSync(path), mkdirSync(path)),
    ]
    const pin = pinOf('hello')
    for (const change of harm) {
      await store.take(file('hello'), pin)
      chmodSync(store.path(pin), 0o644)
      change(store.path(pin))
      assert.equal(await store.has(pin), undefined)
      assert.ok(!existsSync(store.path(pin)))
    }
  })

  it('copies what a link leads to', async () => {
    const link = join(folder, 'link')
    symlinkSync(file('linked'), link)
    assert.equal(await store.take(link, pinOf('linked')), true)
    assert.ok(statSync(store.path(pinOf('linked'))).isFile())
    assert.ok(existsSync(join(folder, 'incoming')))
  })

  it('hands the part of a dead process on, and leaves that of a living one', async () => {
    const pin = pinOf('wanted')
    const parts = join(folder, 'downloads/partial')
    const name = pin.replace(':', '-')
    mkdirSync(parts, { recursive: true })
    // 1 always lives; no process has the largest number.
    writeFileSync(join(parts, `${name}.1`), 'theirs')
    writeFileSync(join(parts, `${name}.4194305`), 'orphan')
    const mine = await store.partial(pin)
    assert.equal(readFileSync(mine, 'utf8'), 'orphan')
    assert.deepEqual(readdirSync(parts).sort(), [`${name}.1`, `${name}.${process.pid}`].sort())
    assert.equal(await store.partial(pin), mine)
  })
})
