/** How large a release is: what a slot holds, and what goes over the network. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { REPO } from '../../image/paths.ts'
import { run } from '../../image/spawn.ts'
import { imageTools } from '../boot/built.ts'

const MIB = 2 ** 20

/** As recipes/image.ts compresses releases. */
const COMPRESS = ['-q', '-c', '-19', '--long=27', '-T0']

export const bench: Bench = {
  about: 'sizes of a release: the root, and the download',
  async run({ figure, say, signal }) {
    say('building the release')
    const args = ['build', '--release', '--json']
    const { stdout } = await run(join(REPO, 'image', 'bt'), args, { signal })
    const { image } = JSON.parse(stdout.toString()) as { image: string }
    const at = (name: string) => join(dirname(image), name)
    const { bin } = await imageTools()
    const compressed = async (file: string) => {
      const { stdout } = await run(join(bin, 'zstd'), [...COMPRESS, realpathSync(file)], { signal })
      return stdout.length / MIB
    }
    const plain = (file: string) => statSync(file).size / MIB
    const root = at('root.erofs')
    figure({ name: 'root, plain erofs', value: plain(root), unit: 'MiB', target: 200 })
    say('compressing the root and the UKI')
    const rootDownload = await compressed(root)
    figure({ name: 'root, compressed', value: rootDownload, unit: 'MiB', target: 64 })
    const uki = await compressed(at('blocktree.efi'))
    figure({ name: 'root and UKI, compressed', value: rootDownload + uki, unit: 'MiB' })
    figure({ name: 'image as downloaded', value: plain(at('blocktree.img.zst')), unit: 'MiB' })
    const daemon = daemonBytes(at('manifest.json'))
    figure({ name: 'the daemon in the root', value: daemon / MIB, unit: 'MiB' })
  },
}

/** Bytes of the daemon, by the manifest of the root. */
function daemonBytes(manifest: string): number {
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    files: { path: string; size: number }[]
  }
  return files.find(({ path }) => path === 'usr/bin/blocktree')!.size
}
