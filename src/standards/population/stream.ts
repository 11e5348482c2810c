/**
 * Streams of one seed and index that must not disturb one another: a new draw in one moves no
 * other.
 */
export const stream = { providers: 1, person: 2, course: 3, content: 4, ids: 5 } as const;
