/** A number of bytes that several users share. */
export interface Budget {
  /** False, with nothing taken, when less is left. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Makes a budget of that many bytes. */
export function createBudget(bytes: number): Budget {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    give(returned) {
      left += returned;
    },
  };
}
