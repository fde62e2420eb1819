/**
 * What a board is: one kind of hardware, as data. `docs/add-a-board.md` explains every field;
 * `image/recipe/check-board.ts` refuses what does not fit together.
 */

/** Sizes are MiB; `rest` takes what is left of the disk and is made at first boot. */
export type Partition = {
  readonly label: 'esp' | 'root-a' | 'verity-a' | 'root-b' | 'verity-b' | 'data'
  readonly size: number | 'rest'
}

export type Board = {
  readonly name: string
  readonly about: string
  readonly arch: 'x86_64' | 'aarch64'
  readonly boot: 'uefi'
  readonly kernel: {
    /** Recipe used when the command line names no other. */
    readonly recipe: string
    readonly cmdline: readonly string[]
    /** Modules loaded by the initrd, without dependencies, in order; those needed to reach the root. */
    readonly initrdModules: readonly string[]
    /** Globs below `kernel/` of the modules that the root carries; dependencies are added. */
    readonly modules: readonly string[]
  }
  readonly disk: { readonly partitions: readonly Partition[] }
  readonly network: {
    /** Interface names (globs) that face the Internet; every other Ethernet port is LAN. */
    readonly wan: readonly string[]
    /** The router's own LAN address with prefix length. */
    readonly lan: string
  }
  readonly qemu: {
    readonly machine: string
    readonly cpu: string
    readonly memoryMiB: number
    readonly cpus: number
    /** Size in MiB of the disk that `bt run` makes. */
    readonly diskMiB: number
    readonly tpm: 'tpm-crb' | 'tpm-tis' | 'tpm-tis-device'
  }
}
