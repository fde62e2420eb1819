import { recipe } from './recipe.ts'

export default recipe({
  name: 'tools-image',
  about: 'what makes file systems, UKIs and disks, run from the cache by its own loader',
  version: 'debian',
  license: 'debian',
  kind: 'tool',
  sources: [
    {
      debian: [
        'cryptsetup-bin',
        'dosfstools',
        'erofs-utils',
        'kmod',
        'mtools',
        'systemd',
        'systemd-ukify',
        'xz-utils',
        'zstd',
      ],
    },
  ],
  steps: ['unpack $src/debian $out'],
  ships: ['**'],
})
