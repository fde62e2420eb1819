/** Spans of time in words. */

/** `3 days 4 h`, `2 h 5 min`, `40 s`: the two largest units. @param seconds  whole, 0 or more. */
export function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  if (days > 0) return `${days} ${days === 1 ? 'day' : 'days'}${hours ? ` ${hours} h` : ''}`
  if (hours > 0) return `${hours} h${minutes ? ` ${minutes} min` : ''}`
  return minutes > 0 ? `${minutes} min` : `${seconds} s`
}
