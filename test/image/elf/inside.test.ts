import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kindInside, resolveInside } from '../../../image/elf/inside.ts'
import { tree } from './tree.ts'

describe('paths inside a root', () => {
  const root = tree({
    'usr/bin/sh': 'x',
    'usr/bin/dash': '-> sh',
    'usr/bin/up': '-> ../../../../../usr/bin/sh',
    bin: '-> usr/bin',
    'etc/abs': '-> /bin/dash',
    'etc/out': '-> /etc/passwd',
    'etc/a': '-> b',
    'etc/b': '-> a',
    'etc/dot': '-> .',
  })

  it('follow links from the top of the root, never out of it', () => {
    for (const path of ['/usr/bin/sh', '/bin/dash', '/etc/abs', '/usr/bin/up', '/../../bin//./up'])
      assert.equal(resolveInside(root, path), '/usr/bin/sh', path)
    assert.equal(resolveInside(root, '/'), '/')
    assert.equal(resolveInside(root, '/etc/dot/dot/abs'), '/usr/bin/sh')
  })

  it('are undefined where something is missing, loops, or goes through a file', () => {
    for (const path of ['/etc/out', '/etc/a', '/nothing', '/usr/bin/sh/x', '/etc/abs/..'])
      assert.equal(resolveInside(root, path), undefined, path)
  })

  it('say what is there', () => {
    assert.equal(kindInside(root, '/bin'), 'dir')
    assert.equal(kindInside(root, '/etc/abs'), 'file')
    assert.equal(kindInside(root, '/etc/a'), undefined)
  })
})
