import { recipe } from './recipe.ts'

export default recipe({
  name: 'tools-image',
  about: 'what makes file systems, UKIs and disks, run from the cache by its own loader',
  version: 'debian',
  license: 'debian',
  kind: 'tool',
  tools: ['tools-unpack'],
  sources: [
    {
      debian: [
        'cryptsetup-bin',
        'dosfstools',
        'erofs-utils',
        'mtools',
        'systemd',
        'systemd-ukify',
        'xz-utils',
        'zstd',
      ],
      // Nothing that runs here opens them.
      without: [
        'debconf',
        'dpkg',
        'gcc-14-base',
        'libdb5.3t64',
        'libmd0',
        'libncursesw6',
        'libreadline8t64',
        'libsqlite3-0',
        'media-types',
        'mount',
        'netbase',
        'openssl-provider-legacy',
        'readline-common',
        'tar',
        'tzdata',
      ],
    },
  ],
  steps: ["unpack $src/debian $out --without 'usr/share/{doc,locale,man,perl5,zoneinfo}/**'"],
  ships: ['**'],
})
