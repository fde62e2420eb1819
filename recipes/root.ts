import { recipe } from './recipe.ts'

/** Fixed, so that the same root has the same bytes; it only has to differ from other products'. */
const UUID = '6c0fd1f4-9a3c-4f0a-8b57-b10c7ee0b10c'
const SALT = 'b10c7ee0'.repeat(8)

export default recipe({
  name: 'root',
  about: 'the read-only root file system and its dm-verity hashes',
  version: ctx => ctx.version,
  license: 'debian',
  kind: 'part',
  needs: ctx => [
    'base',
    'systemd',
    'firewall',
    'system',
    'blocktree',
    ctx.kernel,
    ...(ctx.profile === 'dev' ? ['console'] : []),
  ],
  tools: ['tools-image'],
  steps: ctx => [
    'mkdir $work/root',
    `merge $in/base $in/systemd $in/firewall $in/system $in/blocktree ${ctx.profile === 'dev' ? '$in/console ' : ''}$work/root`,
    `merge $in/${ctx.kernel}/usr $work/root/usr`,
    `mv $work/root/usr/share/doc $out/licenses`,
    `prune $work/root ${DROPPED.map(glob => `'${glob}'`).join(' ')}`,
    'mkdir $work/root/boot $work/root/dev $work/root/proc $work/root/sys $work/root/run $work/root/tmp $work/root/var',
    'systemd-sysusers --root=$work/root',
    'systemctl --root=$work/root preset-all',
    `erofs $work/root $out/root.erofs --uuid ${UUID} --time ${ctx.epoch}${ctx.profile === 'release' ? ' --label blocktree' : ''}`,
    `verity $out/root.erofs $out/root.verity $out/roothash --salt ${SALT} --uuid ${UUID}`,
    `cmdline $out/cmdline $out/root.erofs $out/roothash ${SALT} ${ctx.board.kernel.cmdline.join(' ')}`,
    'install 0644 $in/system/usr/lib/os-release $out/os-release',
  ],
  ships: [
    'root.erofs',
    'root.verity',
    'roothash',
    'cmdline',
    'os-release',
    'licenses/**',
  ],
})

/** What no router reads: manuals, translations, completions, helpers of tools that are not here. */
const DROPPED = [
  'usr/share/{man,locale,info,lintian,bug,bash-completion,zsh,initramfs-tools,doc-base}/**',
  'usr/lib/systemd/system-generators/systemd-getty-generator',
  'usr/lib/{apt,initramfs-tools,kernel}/**',
  'usr/lib/udev/hwdb.d/**',
  'etc/{init.d,default,cron.d,cron.daily,apt,kernel,initramfs-tools,dpkg,logrotate.d}/**',
]
