/** Memory for what comes, set aside before a byte of it is read; who may fill one of these fills no other. */
export interface Rooms {
  /** Null: there is none, and who sends is asked to wait. */
  reserve(bytes: number): Room | null
  /** Whether something is being read, or waits to be stored. */
  isTaken(): boolean
}

export interface Room {
  /** It turned out to need less. */
  shrinkTo(bytes: number): void
  release(): void
}

export function createRooms(mostBytes: number): Rooms {
  let reserved = 0
  return {
    reserve(bytes) {
      if (reserved + bytes > mostBytes) return null
      return roomOf(bytes, (change) => {
        reserved += change
      })
    },
    isTaken: () => reserved > 0,
  }
}

function roomOf(bytes: number, change: (by: number) => void): Room {
  let held = bytes
  change(held)
  const set = (to: number): void => {
    change(to - held)
    held = to
  }
  return { shrinkTo: (to) => set(Math.min(held, to)), release: () => set(0) }
}
