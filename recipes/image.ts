import { recipe } from './recipe.ts'

export default recipe({
  name: 'image',
  about: 'the disk: EFI system partition, slot a and the table of partitions',
  version: ctx => ctx.version,
  license: 'debian',
  kind: 'part',
  needs: ['boot-loader', 'root', 'uki'],
  tools: ['tools-image'],
  steps: ctx => {
    const efi = ctx.arch === 'amd64' ? 'x64' : 'aa64'
    const esp = ctx.board.disk.partitions.find(p => p.label === 'esp')!
    const seed = `${ctx.board.name}-${ctx.version}-${ctx.profile}`
    const board = JSON.stringify({
      name: ctx.board.name,
      arch: ctx.board.arch,
      disk: ctx.board.disk,
    })
    return [
      `write $work/board.json '${board}'`,
      `write $work/loader.conf 'timeout 0' 'editor no' 'console-mode keep'`,
      `esp $work/esp.img --size ${esp.size} --id ${seed} $in/boot-loader/efi/systemd-boot${efi}.efi=EFI/BOOT/BOOT${efi.toUpperCase()}.EFI $in/boot-loader/efi/systemd-boot${efi}.efi=EFI/systemd/systemd-boot${efi}.efi $work/loader.conf=loader/loader.conf $in/uki/blocktree.efi=EFI/Linux/blocktree_${ctx.version}+3.efi`,
      `disk $work/board.json $out/blocktree.img --seed ${seed} --esp $work/esp.img --root-a $in/root/root.erofs --verity-a $in/root/root.verity`,
      ...(ctx.profile === 'release'
        ? ['zstd -q -19 -T0 --long=27 $out/blocktree.img -o $out/blocktree.img.zst']
        : []),
    ]
  },
  ships: ctx => [
    'blocktree.img',
    'blocktree.img.bmap',
    ...(ctx.profile === 'release' ? ['blocktree.img.zst'] : []),
  ],
})
