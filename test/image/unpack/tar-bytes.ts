/** Tar archives by hand, for what no tar program would write. */

export type Made = {
  readonly path: string
  /** `0` file, `1` hard link, `2` symbolic link, `5` folder, or any other letter. */
  readonly type?: string
  readonly target?: string
  readonly mode?: number
  readonly bytes?: Buffer | string
  /** Overrides fields of the header after it was filled in, before the checksum. */
  readonly edit?: (head: Buffer) => void
}

const BLOCK = 512

export function tarOf(...members: Made[]): Buffer {
  return Buffer.concat([...members.map(member), Buffer.alloc(2 * BLOCK)])
}

function member({ path, type = '0', target = '', mode, bytes = '', edit }: Made): Buffer {
  const body = Buffer.from(bytes)
  const head = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number) =>
    head.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  head.write(path, 0, 100)
  octal(mode ?? (type === '5' ? 0o755 : 0o644), 100, 8)
  octal(body.length, 124, 12)
  octal(1700000000, 136, 12)
  head.write(type, 156, 'latin1')
  head.write(target, 157, 100)
  head.write('ustar\x0000', 257, 'latin1')
  edit?.(head)
  head.write('        ', 148, 'latin1')
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return Buffer.concat([head, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)])
}

/** A pax header for the member after it. POSIX.1-2024, pax, "pax Header Block". */
export function pax(records: Record<string, string>): Made {
  const bytes = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest + 1
    while (String(length).length + rest !== length) length++
    return `${length} ${key}=${value}\n`
  })
  return { path: 'pax', type: 'x', bytes: bytes.join('') }
}
