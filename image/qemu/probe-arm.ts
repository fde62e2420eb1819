/**
 * A firmware for QEMU's `virt` machine that proves it executes: a loop of 2^27 turns, then it
 * switches the machine off by PSCI (DEN0022, SYSTEM_OFF by HVC), which ends QEMU with status 0.
 */

/** What QEMU exits with when the guest has run. */
export const PROBE_STATUS_ARM = 0

/** The bytes of the firmware, which QEMU puts at address 0, where the processor starts. */
export function probeRomArm(): Buffer {
  const words = [
    0xd2a10001, // mov x1, #0x08000000
    0xf1000421, // subs x1, x1, #1
    0x54ffffe1, // b.ne -4
    0x52800100, // mov w0, #8
    0x72b08000, // movk w0, #0x8400, lsl #16
    0xd4000002, // hvc #0
    0x14000000, // b .
  ]
  const rom = Buffer.alloc(4096)
  words.forEach((word, i) => rom.writeUInt32LE(word, 4 * i))
  return rom
}
