import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { collectDaily } from '../../../image/engine/gc-daily.ts'

const DAY = 24 * 60 * 60 * 1000

describe('the daily collection', () => {
  let cache: string
  let download: string
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'bt-gc-daily-'))
    mkdirSync(join(cache, 'downloads/sha256'), { recursive: true })
    download = join(cache, 'downloads/sha256/old')
    writeFileSync(download, Buffer.alloc(100_000, 1))
  })
  afterEach(() => rmSync(cache, { recursive: true }))

  it('removes what is over the limit and says how much that was', () => {
    assert.ok(collectDaily(cache, Date.now(), 1000) >= 100_000)
    assert.equal(existsSync(download), false)
  })

  it('leaves a cache below the limit alone', () => {
    assert.equal(collectDaily(cache, Date.now(), 1_000_000), 0)
    assert.equal(existsSync(download), true)
  })

  it('looks only once a day', () => {
    collectDaily(cache, Date.now(), 1_000_000)
    assert.equal(collectDaily(cache, Date.now(), 1000), 0)
    assert.equal(existsSync(download), true)
    assert.ok(collectDaily(cache, Date.now() + DAY + 1000, 1000) > 0)
  })
})
