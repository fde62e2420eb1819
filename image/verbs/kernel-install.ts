/** Takes a compiled kernel out of its build folder: the image, its configuration, its built-in list. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Verb } from './verb.ts'

const IMAGES = ['arch/x86/boot/bzImage', 'arch/arm64/boot/Image']

export const verb: Verb = {
  usage: 'kernel-install BUILD OUT',
  about: 'copies the kernel image, its configuration and the list of what is built in',
  run({ args, cwd, print }) {
    const [build, out, ...extra] = args
    if (build === undefined || out === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: kernel-install BUILD OUT`)
    const from = resolve(cwd, build)
    const release = readFileSync(join(from, 'include/config/kernel.release'), 'utf8').trim()
    const copy = (file: string, to: string) => {
      const target = resolve(cwd, out, to)
      mkdirSync(dirname(target), { recursive: true })
      cpSync(join(from, file), target)
    }
    const image = IMAGES.find(file => cpSafe(() => copy(file, 'boot/vmlinuz')))
    if (image === undefined) throw new Error(`${build} holds none of ${IMAGES.join(', ')}`)
    copy('.config', 'boot/config')
    for (const list of ['modules.builtin', 'modules.builtin.modinfo'])
      copy(list, `usr/lib/modules/${release}/${list}`)
    print(`${image} of Linux ${release}`)
    return Promise.resolve()
  },
}

function cpSafe(copy: () => void): boolean {
  try {
    copy()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
