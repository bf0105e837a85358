// Rates counts messages by kind in the minute that has just passed.
const span = 60; // s

export class Rates {
  #kinds = new Map(); // each with a bucket for every second of the span

  // count counts a message that was made at this time, in ms.
  count(kind, made) {
    const second = Math.floor(made / 1000);
    let buckets = this.#kinds.get(kind);
    if (!buckets) {
      buckets = Array.from({ length: span }, () => ({ second: 0, n: 0 }));
      this.#kinds.set(kind, buckets);
    }
    const bucket = buckets[second % span];
    if (bucket.second < second) Object.assign(bucket, { second, n: 0 });
    if (bucket.second === second) bucket.n++;
  }

  perMinute(kind, now) {
    const oldest = Math.floor(now / 1000) - span;
    let sum = 0;
    for (const bucket of this.#kinds.get(kind) ?? []) if (bucket.second > oldest) sum += bucket.n;
    return sum;
  }
}
