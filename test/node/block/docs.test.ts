/** Rule 6: what leaks is written down. Documents name all fields that headers have, and no others. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import { golden } from '../../golden/golden.ts'

const document = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')
const names = (cells: Iterable<RegExpMatchArray>) =>
  [...cells].flatMap(([, cell]) => [...cell!.matchAll(/`(\w+)`/g)].map(match => match[1]!)).sort()

/** Of a header with everything that one can have. */
const fields = (() => {
  const headers = ['header.cbor', 'root-block.cbor'].map(name => {
    const { body } = dagCbor.decode<{ body: Uint8Array }>(golden(`block/${name}`))
    return Object.keys(dagCbor.decode<object>(body))
  })
  return [...new Set(headers.flat())].sort()
})()

describe('the fields of a header', () => {
  it('are seen', () => {
    assert.ok(fields.includes('readcaps') && fields.includes('roots'), fields.join())
  })

  it('stand in docs/formats.md, all of them', () => {
    const section = document('formats.md').split('### Headers')[1]!.split('```')[0]!
    assert.deepEqual(names(section.matchAll(/^\| (`\w+`) +\|/gm)), fields)
  })

  it('stand in docs/threats.md, with what each tells others: rule 6', () => {
    const rows = document('threats.md').matchAll(/^\| (`[^|]+) \| +\w/gm)
    assert.deepEqual(names(rows), fields)
  })
})

describe('the rules of a chain in docs/capabilities.md', () => {
  it('are those that chain.ts has', () => {
    const source = readFileSync(join(import.meta.dirname, '../../../node/block/chain.ts'), 'utf8')
    const thrown = new Set(
      [...source.matchAll(/BlockError\(\s*'((?:CHAIN|PATH_LONG)\w*)'/g)].map(match => match[1]!),
    )
    assert.ok(thrown.size > 10)
    const listed = document('capabilities.md').matchAll(/\| ((?:`[A-Z_]+`(?:, )?)+) +\|$/gm)
    assert.deepEqual(names(listed), [...thrown].sort())
  })
})
