import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { findFiles } from '../../../image/engine/files.ts'
import { folder, type Folder } from './folder.ts'

describe('files by glob', () => {
  let here: Folder
  before(() => {
    here = folder()
    for (const name of [
      'a/x.ts',
      'a/b/y.ts',
      'a/b/.hidden',
      'a/b/z.md',
      'c',
      'a/node_modules/m.ts',
      'a/.git/n.ts',
    ])
      here.file(name)
  })
  after(() => here.end())
  const found = (...globs: string[]) => findFiles(here.path, globs)

  const CASES: [string[], string[], string[]][] = [
    [['c'], ['c'], []],
    [['a/*.ts'], ['a/x.ts'], ['a', 'a/b']],
    [['a/**'], ['a/b/y.ts', 'a/b/z.md', 'a/x.ts'], ['a', 'a/b']],
    [
      ['a/**/*.ts', 'c'],
      ['a/b/y.ts', 'a/x.ts', 'c'],
      ['a', 'a/b'],
    ],
    [
      ['a/**', '!**/*.md'],
      ['a/b/y.ts', 'a/x.ts'],
      ['a', 'a/b'],
    ],
    [['a/b/{y,z}.*'], ['a/b/y.ts', 'a/b/z.md'], ['a/b']],
    [['a/b/**', 'a/b/y.ts'], ['a/b/y.ts', 'a/b/z.md'], ['a/b']],
    [
      ['a/**', 'a/*.ts'],
      ['a/b/y.ts', 'a/b/z.md', 'a/x.ts'],
      ['a', 'a/b'],
    ],
    [['a/b/.hidden'], ['a/b/.hidden'], []],
  ]
  for (const [globs, files, folders] of CASES)
    it(`finds ${globs.join(' ')}, and says where it looked`, () => {
      assert.deepEqual(found(...globs), { files, folders })
    })

  for (const glob of ['nothing', 'a/*.md', 'none/**', 'a/b'])
    it(`refuses ${glob}, which matches no file`, () => {
      assert.throws(() => found('c', glob), {
        code: 'FILES_NO_MATCH',
        message: new RegExp(glob.replaceAll('*', '\\*')),
      })
    })
})
