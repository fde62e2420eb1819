import { recipe } from './recipe.ts'

/** What dmsetup loads, by the recipe that carries it. */
const LIBRARIES = {
  base: ['libc.so.6', 'libm.so.6'],
  systemd: [
    'libcap.so.2',
    'libdevmapper.so.1.02.1',
    'libpcre2-8.so.0',
    'libselinux.so.1',
    'libudev.so.1',
  ],
}
const TARGET = {
  amd64: { folder: 'usr/lib/x86_64-linux-gnu', loader: 'usr/lib64/ld-linux-x86-64.so.2' },
  arm64: { folder: 'usr/lib/aarch64-linux-gnu', loader: 'usr/lib/ld-linux-aarch64.so.1' },
}

export default recipe({
  name: 'initrd',
  about: 'what runs before the root: a shell script, dmsetup and the modules to reach the disk',
  version: ctx => ctx.version,
  license: 'Apache-2.0 AND GPL-2.0-only',
  kind: 'part',
  needs: ctx => ['base', 'systemd', 'console', ctx.kernel],
  tools: ['tools-image'],
  sources: [{ files: ['board/initrd/init'] }],
  steps: ctx => [
    'mkdir $work/i/dev $work/i/proc $work/i/sys $work/i/run $work/i/sysroot $work/i/bin',
    'install 0755 $src/board/initrd/init $work/i/init',
    'install 0755 $in/console/usr/bin/busybox $work/i/bin/busybox',
    'install 0755 $in/systemd/usr/sbin/dmsetup $work/i/bin/dmsetup',
    ...Object.entries(LIBRARIES).map(
      ([recipe, files]) =>
        `install 0755 ${files.map(file => `$in/${recipe}/${TARGET[ctx.arch].folder}/${file}`).join(' ')} $work/i/lib/`,
    ),
    `install 0755 $in/base/${TARGET[ctx.arch].loader} $work/i/lib/`,
    'ln lib $work/i/lib64',
    `initrd-modules $in/${ctx.kernel}/usr/lib/modules $work/i ${ctx.board.kernel.initrdModules.join(' ')}`,
    'initrd $work/i $out/initrd.cpio',
  ],
  ships: ['initrd.cpio'],
})
