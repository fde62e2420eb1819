/** Two manifests of one image, before and after an update. */
import type { Manifest, ManifestFile } from '../../../image/disk/manifest.ts'

const hash = (n: number) => n.toString(16).padStart(64, '0')

export const file = (path: string, size: number, of?: string, content = size): ManifestFile => ({
  path,
  type: 'file',
  mode: 0o644,
  size,
  sha256: hash(content),
  ...(of !== undefined && { package: of }),
})

export const BEFORE: Manifest = {
  format: 1,
  board: 'qemu-x86_64',
  version: '1.0.0',
  profile: 'release',
  kernel: 'linux',
  packages: [
    { name: 'libc6', version: '2.41-12', recipe: 'base' },
    { name: 'nftables', version: '1.1.3-1', recipe: 'firewall' },
    { name: 'old', version: '1', recipe: 'base' },
    { name: 'system', version: '', recipe: 'system' },
  ],
  files: [
    { path: 'etc', type: 'dir', mode: 0o755, size: 0 },
    file('etc/ld.so.cache', 900),
    file('etc/old.conf', 100, 'old'),
    { path: 'lib', type: 'link', mode: 0o777, size: 7, target: 'usr/lib', package: 'system' },
    file('usr/bin/nft', 30_000, 'nftables'),
    file('usr/lib/libc.so.6', 2_000_000, 'libc6'),
    file('usr/lib/libm.so.6', 900_000, 'libc6'),
  ],
}

export const AFTER: Manifest = {
  ...BEFORE,
  version: '1.1.0',
  packages: [
    { name: 'libc6', version: '2.41-13', recipe: 'base' },
    { name: 'new', version: '3', recipe: 'base' },
    { name: 'nftables', version: '1.1.3-1', recipe: 'firewall' },
    { name: 'system', version: '', recipe: 'system' },
  ],
  files: [
    { path: 'etc', type: 'dir', mode: 0o755, size: 0 },
    file('etc/ld.so.cache', 950),
    { path: 'lib', type: 'link', mode: 0o777, size: 10, target: 'usr/lib/new', package: 'system' },
    { ...file('usr/bin/nft', 30_000, 'nftables'), mode: 0o755 },
    file('usr/lib/libc.so.6', 2_100_000, 'libc6'),
    file('usr/lib/libm.so.6', 900_000, 'libc6'),
    file('usr/share/new', 5_000, 'new'),
  ],
}
