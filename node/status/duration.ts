/** Spans of time in words. No I/O: the web app uses it too. */

/** `3 days and 4 hours`, `5 minutes`, `40 seconds`. @param seconds  whole, 0 or more. */
export function duration(seconds: number): string {
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24]
  const minutes = Math.floor(seconds / 60) % 60
  if (days > 0) return both(count(days, 'day'), hours && count(hours, 'hour'))
  if (hours > 0) return both(count(hours, 'hour'), minutes && count(minutes, 'minute'))
  return minutes > 0 ? count(minutes, 'minute') : count(seconds, 'second')
}

function both(large: string, small: string | 0): string {
  return small ? `${large} and ${small}` : large
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`
}
