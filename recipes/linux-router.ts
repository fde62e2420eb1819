import { recipe } from './recipe.ts'

/** What would otherwise differ from build to build. */
const FIXED =
  "KBUILD_BUILD_TIMESTAMP='2026-01-01' KBUILD_BUILD_USER=blocktree KBUILD_BUILD_HOST=blocktree KBUILD_BUILD_VERSION=1"
const make = (ctx: { arch: string }, rest: string) =>
  `inside $in/tools-kernel $work/linux make ARCH=${ctx.arch === 'amd64' ? 'x86' : 'arm64'} ${FIXED} ${rest}`

export default recipe({
  name: 'linux-router',
  about: "a small kernel without modules for routers, compiled from Debian's source",
  version: 'debian',
  license: 'GPL-2.0-only WITH Linux-syscall-note',
  needs: ['tools-kernel'],
  sources: [
    { debian: ['linux-source-6.12'], only: ['linux-source-6.12'] },
    { files: ['recipes/linux-router.fragment'] },
  ],
  steps: ctx => [
    'unpack $src/debian $work/deb',
    'unpack $work/deb/usr/src/linux-source-6.12.tar.xz $work/source',
    'mv $work/source/linux-source-6.12 $work/linux',
    'rm $work/deb',
    'install 0644 $src/recipes/linux-router.fragment $work/linux/router.fragment',
    make(ctx, 'KCONFIG_ALLCONFIG=router.fragment allnoconfig'),
    'kconfig-check $work/linux/router.fragment $work/linux/.config',
    make(ctx, `-j $JOBS ${ctx.arch === 'amd64' ? 'bzImage' : 'Image'}`),
    'kernel-install $work/linux $out',
    'install 0644 $work/linux/COPYING $out/usr/share/doc/linux-router/copyright',
  ],
  ships: ['boot/*', 'usr/lib/modules/**', 'usr/share/doc/**'],
})
