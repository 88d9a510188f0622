/** Seals texts for the person who is signed in, under a key that the system keeps. */
export interface TextSealer {
  /** For people: "the keychain of this Windows account". */
  readonly name: string;
  seal(text: string): Uint8Array;
  /** Throws when it was sealed for somebody else. */
  open(sealed: Uint8Array): string;
}
