/** What is to happen at some time of a simulation. */
interface Appointment {
  /** µs since the epoch */
  readonly due: number;
  readonly key: string;
  readonly act: () => void | Promise<void>;
}

/** What a simulation has put off: each key once, in order of time and at one time of keys. */
export class EventQueue {
  private readonly appointments: Appointment[] = [];

  /** Does nothing when there is an appointment of that key. */
  add(appointment: Appointment): void {
    if (!this.appointments.some(({ key }) => key === appointment.key)) this.appointments.push(appointment);
  }

  get isEmpty(): boolean {
    return this.appointments.length === 0;
  }

  /** Takes the first that is due by then. */
  take(until: number): Appointment | undefined {
    const [first] = this.appointments.filter(({ due }) => due <= until).toSorted(inTurn);
    if (first !== undefined) this.appointments.splice(this.appointments.indexOf(first), 1);
    return first;
  }
}

function inTurn(one: Appointment, other: Appointment): number {
  return one.due - other.due || (one.key < other.key ? -1 : 1);
}
