import { recipe } from './recipe.ts'

const LIBRARIES = 'usr/lib/x86_64-linux-gnu'

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
    `elf-needs $work/i/bin/dmsetup $work/i/lib $in/base/${LIBRARIES} $in/systemd/${LIBRARIES}`,
    'ln lib $work/i/lib64',
    `initrd-modules $in/${ctx.kernel}/usr/lib/modules $work/i ${ctx.board.kernel.initrdModules.join(' ')}`,
    'initrd $work/i $out/initrd.cpio',
  ],
  ships: ['initrd.cpio'],
})
