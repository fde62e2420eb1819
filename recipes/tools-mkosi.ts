import { recipe } from './recipe.ts'

export default recipe({
  name: 'tools-mkosi',
  about:
    'a small Debian system with mkosi and mmdebstrap, which `bt bench` measures images against',
  version: 'debian',
  license: 'debian',
  kind: 'tool',
  sources: [
    {
      debian: [
        'base-files',
        'bash',
        'ca-certificates',
        'coreutils',
        'dash',
        'diffutils',
        'findutils',
        'grep',
        'gzip',
        'hostname',
        'libc-bin',
        'mawk',
        'mkosi',
        'mmdebstrap',
        'mount',
        'passwd',
        'perl-base',
        'sed',
        'tar',
        'util-linux',
      ],
    },
  ],
  steps: [
    'unpack $src/debian $out',
    'ln mawk $out/usr/bin/awk',
    "prune $out 'usr/share/{doc,man,locale,info}/**'",
    'mkdir $out/work $out/dev $out/proc $out/sys $out/run $out/tmp',
  ],
  ships: ['**'],
})
