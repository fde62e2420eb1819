import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { walk } from '../../../image/engine/tree.ts'
import { verb } from '../../../image/verbs/kernel-install.ts'
import { steps, type Steps } from './call.ts'

const BUILT: Record<string, string> = {
  'include/config/kernel.release': '6.12.1-router\n',
  '.config': 'CONFIG_A=y\n',
  'modules.builtin': 'kernel/fs/erofs/erofs.ko\n',
  'modules.builtin.modinfo': 'erofs.license=GPL\0',
}

describe('kernel-install', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    for (const [path, text] of Object.entries(BUILT)) put(path, text)
  })
  afterEach(() => s.end())
  function put(path: string, text: string) {
    mkdirSync(dirname(s.at('linux', path)), { recursive: true })
    writeFileSync(s.at('linux', path), text)
  }

  for (const image of ['arch/x86/boot/bzImage', 'arch/arm64/boot/Image'])
    it(`takes ${image} and what else a recipe needs of a kernel`, async () => {
      put(image, 'kernel')
      assert.deepEqual(await s.call(verb, 'linux out'), [`${image} of Linux 6.12.1-router`])
      assert.deepEqual(
        walk(s.at('out'))
          .filter(({ stat }) => stat.isFile())
          .map(({ path }) => path),
        [
          'boot/config',
          'boot/vmlinuz',
          'usr/lib/modules/6.12.1-router/modules.builtin',
          'usr/lib/modules/6.12.1-router/modules.builtin.modinfo',
        ],
      )
      assert.equal(readFileSync(s.at('out/boot/vmlinuz'), 'utf8'), 'kernel')
    })

  it('refuses a folder where nothing was compiled, and another number of words', async () => {
    await assert.rejects(
      async () => s.call(verb, 'linux out'),
      /linux holds none of arch\/x86\/boot\/bzImage, arch\/arm64/,
    )
    rmSync(s.at('linux/include'), { recursive: true })
    await assert.rejects(async () => s.call(verb, 'linux out'), /ENOENT.*kernel\.release/)
    for (const line of ['', 'a', 'a b c'])
      await assert.rejects(async () => s.call(verb, line), /expected: kernel-install BUILD OUT/)
  })
})
