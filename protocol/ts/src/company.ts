import type { Party, Person, Presence } from './control.ts';

/** What is known of others: the player's party, and friends. */
export class Company {
  /** The newest that was told; its id is empty without a party. */
  party?: Party;
  /** Friends, and those who have asked or were asked to be, by id. */
  readonly people = new Map<string, Person>();

  /** A new connection tells everything anew. */
  connected(): void {
    this.party = undefined;
  }

  /** Takes in a party, unless a newer one is known. */
  partyTold(p: Party): boolean {
    if (this.party && p.revision < this.party.revision) return false;
    this.party = p;
    return true;
  }

  presenceTold(m: Presence): void {
    if (m.whole) this.people.clear();
    for (const p of m.people) {
      if (p.tie === 0) this.people.delete(p.player);
      else this.people.set(p.player, p);
    }
  }
}
