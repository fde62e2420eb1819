/**
 * A firmware of 64 KiB for a PC that proves it executes: from the reset vector through protected
 * mode into long mode with paging, a loop of 2^27 turns that an emulator within KVM would not end in
 * minutes, one BMI2 instruction where the processor has it (KVM's own emulator does not), and then
 * it ends QEMU through `isa-debug-exit` at port 0xf4. Source: Intel SDM, volume 3A, 10.8.5.
 */

/** What QEMU exits with when the guest has run: (0x2a << 1) | 1. */
export const PROBE_STATUS_X86 = 0x55

/** The device that the firmware speaks to. */
export const PROBE_DEVICE_X86 = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04']

const ROM_BYTES = 0x10000
/** Where the firmware lies in memory: its last byte is the last below 4 GiB. */
const BASE = 2 ** 32 - ROM_BYTES
const [GDT, CODE32, CODE64] = [0x100, 0x200, 0x300]

/** The bytes of the firmware. */
export function probeRomX86(): Buffer {
  const rom = Buffer.alloc(ROM_BYTES, 0xf4) // hlt
  put(rom, 0xfff0, 0xe9, u16(0x10000 - 0xfff3)) // jmp to 0, CS still ends at 4 GiB
  put(
    rom,
    0,
    [0xfa, 0xfc], // cli, cld
    [0x2e, 0x66, 0x0f, 0x01, 0x16, u16(GDT + 0x20)], // lgdt cs:[…]
    [0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0], // cr0 |= PE
    [0x66, 0xea, u32(BASE + CODE32), u16(0x08)], // jmp 0x08:CODE32
  )
  put(
    rom,
    GDT,
    [u32(0), u32(0)],
    [0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0], // 0x08: 32-bit code, 4 GiB
    [0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0], // 0x10: data, 4 GiB
    [0xff, 0xff, 0, 0, 0, 0x9a, 0xaf, 0], // 0x18: 64-bit code
    [u16(0x1f), u32(BASE + GDT)], // at GDT + 0x20, what lgdt loads
  )
  put(
    rom,
    CODE32,
    [0xb8, u32(0x10), 0x8e, 0xd8], // ds = 0x10
    // Identity mapping by 2 MiB pages: the first, for these tables, and the last below 4 GiB.
    store(0x1000, 0x2003), // PML4[0]
    store(0x2000, 0x3003), // PDPT[0]
    store(0x2018, 0x4003), // PDPT[3]
    store(0x3000, 0x0083), // 0 to 2 MiB
    store(0x4ff8, 0xffe00083), // the last 2 MiB below 4 GiB
    [0xb8, u32(0x1000), 0x0f, 0x22, 0xd8], // cr3 = 0x1000
    [0x0f, 0x20, 0xe0, 0x83, 0xc8, 0x20, 0x0f, 0x22, 0xe0], // cr4 |= PAE
    [0xb9, u32(0xc0000080), 0x0f, 0x32], // rdmsr EFER
    [0x0d, u32(0x100), 0x0f, 0x30], // EFER |= LME
    [0x0f, 0x20, 0xc0, 0x0d, u32(0x80000000), 0x0f, 0x22, 0xc0], // cr0 |= PG
    [0xea, u32(BASE + CODE64), u16(0x18)], // jmp 0x18:CODE64
  )
  put(
    rom,
    CODE64,
    [0xb9, u32(2 ** 27), 0xff, 0xc9, 0x75, 0xfc], // ecx = 2^27; until it is 0: ecx--
    [0x31, 0xc0, 0x0f, 0xa2, 0x83, 0xf8, 0x07, 0x72, 0x29], // cpuid leaf 0: below 7, go to exit
    [0xb8, u32(7), 0x31, 0xc9, 0x0f, 0xa2], // cpuid leaf 7
    [0xf7, 0xc3, u32(0x100), 0x74, 0x18], // no BMI2: go to exit
    [0xbb, u32(1), 0xb9, u32(40)], // rbx = 1, rcx = 40
    [0xc4, 0xe2, 0xf1, 0xf7, 0xc3], // shlx rax, rbx, rcx
    [0x48, 0xc1, 0xe8, 0x28], // rax >>= 40
    [0x83, 0xf8, 0x01, 0x75, 0x05], // not 1: stand still
    [0xb0, 0x2a, 0xe6, 0xf4, 0xf4], // exit: out 0xf4, 0x2a; hlt
    [0xeb, 0xfd], // hlt for ever
  )
  return rom
}

/** mov dword [at], value in 32-bit code */
function store(at: number, value: number): Bytes {
  return [0xc7, 0x05, u32(at), u32(value)]
}

type Bytes = readonly (number | Bytes)[]

const u16 = (n: number): Bytes => [n & 0xff, (n >> 8) & 0xff]
const u32 = (n: number): Bytes => [u16(n % 2 ** 16), u16(Math.floor(n / 2 ** 16))]

function put(rom: Buffer, at: number, ...bytes: Bytes): void {
  Buffer.from((bytes as unknown[]).flat(9) as number[]).copy(rom, at)
}
