/** How a process ends that was to make a thumbnail, and has not. */
export const EXIT = { tooLarge: 10, damaged: 11, noLibrary: 12 } as const;
