import { recipe } from './recipe.ts'

export default recipe({
  name: 'uki',
  about: 'kernel, initrd and command line in one file that firmware can check and measure',
  version: ctx => ctx.version,
  license: 'GPL-2.0-only AND LGPL-2.1-or-later AND Apache-2.0',
  kind: 'part',
  needs: ctx => ['boot-loader', 'initrd', 'root', ctx.kernel],
  tools: ['tools-image'],
  steps: ctx => [
    `ukify build --linux=$in/${ctx.kernel}/boot/vmlinuz --initrd=$in/initrd/initrd.cpio --cmdline=@$in/root/cmdline --os-release=@$in/root/os-release --stub=$in/boot-loader/efi/linux${ctx.arch === 'amd64' ? 'x64' : 'aa64'}.efi.stub --efi-arch=${ctx.arch === 'amd64' ? 'x64' : 'aa64'} --uname=${ctx.version} --output=$out/blocktree.efi`,
  ],
  ships: ['blocktree.efi'],
})
