import { recipe, type Context } from './recipe.ts'

/** Fixed, so that the same root has the same bytes; it only has to differ from other products'. */
const UUID = '6c0fd1f4-9a3c-4f0a-8b57-b10c7ee0b10c'
const SALT = 'b10c7ee0'.repeat(8)

/** Recipes of which a part is in the image outside of the root: their licences are kept with it. */
const OUTSIDE = ['boot-loader', 'console']

/** Recipes whose files are in the root. */
const parts = (ctx: Context) => [
  'base',
  'systemd',
  'firewall',
  'system',
  'blocktree',
  ctx.kernel,
  ...(ctx.profile === 'dev' ? ['console'] : []),
]

export default recipe({
  name: 'root',
  about: 'the read-only root file system and its dm-verity hashes',
  version: ctx => ctx.version,
  license: 'debian',
  kind: 'part',
  needs: ctx => [...new Set([...parts(ctx), ...OUTSIDE])],
  tools: ['tools-image'],
  steps: ctx => [
    'mkdir $work/root',
    `merge ${parts(ctx)
      .filter(name => name !== ctx.kernel)
      .map(name => `$in/${name}`)
      .join(' ')} $work/root`,
    `merge $in/${ctx.kernel}/usr $work/root/usr`,
    `merge ${OUTSIDE.map(name => `$in/${name}/usr/share/doc`).join(' ')} $work/root/usr/share/doc`,
    'mv $work/root/usr/share/doc $out/licenses',
    "prune $out/licenses --maybe '*/!(copyright)' --maybe '*/*/**'",
    'mv $work/root/usr/share/common-licenses $out/licenses/common-licenses',
    'rm $work/root/.packages',
    `prune $work/root ${DROPPED.map(glob => `'${glob}'`).join(' ')} --maybe '${UNREAD}'`,
    'mkdir $work/root/boot $work/root/dev $work/root/proc $work/root/sys $work/root/run $work/root/tmp $work/root/var',
    'systemd-sysusers --root=$work/root',
    // sysusers lets nobody read them, not even an unprivileged builder; root needs no permission.
    'chmod 0600 $work/root/etc/shadow $work/root/etc/gshadow',
    'systemctl --root=$work/root preset-all',
    'ldcache $work/root',
    'elfcheck $work/root',
    `manifest $work/root $out/manifest.json --board ${ctx.board.name} --version ${ctx.version} --profile ${ctx.profile} --kernel ${ctx.kernel} ${parts(
      ctx,
    )
      .map(name => `${name}=$in/${name}`)
      .join(' ')}`,
    `erofs $work/root $out/root.erofs --uuid ${UUID} --time ${ctx.epoch}${ctx.profile === 'release' ? ' --label blocktree' : ''}`,
    `verity $out/root.erofs $out/root.verity $out/roothash --salt ${SALT} --uuid ${UUID}`,
    `cmdline $out/cmdline $out/root.erofs $out/roothash ${SALT} ${[...ALWAYS, ...ctx.board.kernel.cmdline].join(' ')}`,
    'install 0644 $in/system/usr/lib/os-release $out/os-release',
  ],
  ships: [
    'root.erofs',
    'root.verity',
    'roothash',
    'cmdline',
    'os-release',
    'manifest.json',
    'licenses/**',
  ],
})

/** Of huge pages, the kernel would keep 60 MB of a small router's memory free. */
const ALWAYS = ['transparent_hugepage=never']

/** What no router reads: manuals, translations, completions. Many recipes do not even unpack it. */
const UNREAD =
  'usr/share/{man,locale,info,lintian,bug,bash-completion,zsh,initramfs-tools,doc-base}/**'

/** Helpers of tools that are not here, what does not work here, what is not wanted. */
const DROPPED = [
  'usr/lib/systemd/system-generators/systemd-{getty,gpt-auto}-generator',
  'usr/lib/systemd/system/{proc-sys-fs-binfmt_misc.*,systemd-binfmt.service}',
  'usr/lib/systemd/system/sysinit.target.wants/{proc-sys-fs-binfmt_misc.automount,systemd-binfmt.service}',
  // Scripts without a shell to run them, and what needs libraries that are not here.
  'usr/{sbin/blkdeactivate,sbin/e2scrub*,libexec/e2fsprogs/*}',
  'usr/lib/systemd/{systemd-sysv-install,system/e2scrub*,system-generators/systemd-sysv-generator}',
  'usr/lib/{apt,initramfs-tools,kernel}/**',
  // They would write to the read-only root.
  'usr/lib/tmpfiles.d/{credstore,debian,home,provision}.conf',
  'usr/lib/systemd/system/{ldconfig,systemd-update-done,systemd-hwdb-update,systemd-journal-catalog-update,systemd-boot-update}.service',
  'usr/lib/systemd/system/sysinit.target.wants/{ldconfig,systemd-update-done,systemd-hwdb-update,systemd-journal-catalog-update}.service',
  'etc/{init.d,initramfs,default,cron.d,cron.daily,apt,kernel,initramfs-tools,dpkg,logrotate.d}/**',
]
