import { recipe } from './recipe.ts'

export default recipe({
  name: 'base',
  about: 'the C and C++ libraries, the folder layout and the certificates that all else stands on',
  version: 'debian',
  license: 'debian',
  tools: ['tools-unpack'],
  sources: [
    {
      debian: ['base-files', 'ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'netbase'],
      without: ['debconf', 'mawk', 'openssl', 'openssl-provider-legacy'],
    },
  ],
  steps: [
    // gconv: character sets that nothing here speaks.
    "unpack $src/debian $out --without 'usr/share/{doc/*/!(copyright),lintian}/**' --without 'usr/lib/*-linux-gnu/gconv/**'",
    'rm $out/usr/lib/os-release $out/etc/os-release $out/etc/issue $out/etc/issue.net',
    'certificates $out/usr/share/ca-certificates/mozilla $out/etc/ssl/certs/ca-certificates.crt',
    'rm $out/usr/share/ca-certificates $out/usr/sbin $out/etc/ca-certificates $out/etc/update-motd.d',
  ],
  ships: ['**'],
  // The builder can only run what is for its own kind of machine.
  check: ctx =>
    ctx.arch === 'amd64' ? ['$out/usr/lib64/ld-linux-x86-64.so.2 --help > $work/help'] : [],
})
