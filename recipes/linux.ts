import { recipe, type Context } from './recipe.ts'

export default recipe({
  name: 'linux',
  about: "Debian's own kernel with the modules that the board names",
  version: 'debian',
  license: 'GPL-2.0-only WITH Linux-syscall-note',
  sources: ctx => [{ debian: [`linux-image-${ctx.arch}`], only: ['linux-image-[0-9]*'] }],
  tools: ['tools-unpack'],
  steps: ctx => [
    `unpack $src/debian $work/all --without 'usr/lib/modules/*/kernel/{${unnamed(ctx).join(',')}}/**' --without 'usr/share/doc/*/!(copyright)'`,
    'mv $work/all/boot/vmlinuz-* $out/boot/vmlinuz',
    'mv $work/all/usr/share/doc $out/usr/share/doc',
    'mv $work/all/.packages $out/.packages',
    `modules $work/all/usr/lib/modules $out/usr/lib/modules ${ctx.board.kernel.modules.map(m => `'${m}'`).join(' ')} ${ctx.board.kernel.initrdModules.map(m => `'=${m}'`).join(' ')}`,
  ],
  ships: ['boot/vmlinuz', 'usr/lib/modules/**', 'usr/share/doc/**', '.packages/*'],
})

/** Folders of half of Debian's modules: not even unpacked unless the board names something in one. */
const unnamed = ({ board }: Context) =>
  [
    'drivers/comedi',
    'drivers/gpu',
    'drivers/hid',
    'drivers/iio',
    'drivers/media',
    'drivers/net/wireless',
    'drivers/staging',
    'fs/btrfs',
    'sound',
  ].filter(folder => !board.kernel.modules.some(glob => glob.startsWith(folder)))
