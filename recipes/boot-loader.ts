import { recipe } from './recipe.ts'

export default recipe({
  name: 'boot-loader',
  about: 'systemd-boot and the stub that turns a kernel into a UKI',
  version: 'debian',
  license: 'LGPL-2.1-or-later',
  kind: 'part',
  tools: ['tools-unpack'],
  sources: [{ debian: ['systemd-boot-efi'], only: ['systemd-boot-efi'] }],
  steps: [
    'unpack $src/debian $work/all',
    'mv $work/all/usr/lib/systemd/boot/efi $out/efi',
    'mv $work/all/usr/share/doc $out/usr/share/doc',
  ],
  ships: [
    'efi/linux*.efi.stub',
    'efi/systemd-boot*.efi',
    'efi/addon*.efi.stub',
    'usr/share/doc/**',
  ],
})
