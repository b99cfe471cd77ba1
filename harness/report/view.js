// Which part of the run is looked at. Lanes, plots and log all follow one View, so that a moment is
// the same moment everywhere.

class View {
  constructor(duration) {
    this.duration = Math.max(duration, 1);
    this.followers = [];
    this.begin = 0;
    this.end = this.duration;
    this.moment = null;   // {at, label, begin, end}: what was asked for, and its window
  }

  follow(follower) {
    this.followers.push(follower);
  }

  set(begin, end) {
    // A millisecond is the finest that events tell apart.
    const length = Math.min(Math.max(end - begin, 5), this.duration);
    this.begin = Math.min(Math.max(begin, 0), this.duration - length);
    this.end = this.begin + length;
    for (const follower of this.followers) follower(this);
  }

  all() {
    this.set(0, this.duration);
  }

  zoom(factor) {
    const shown = this.moment && this.moment.at >= this.begin && this.moment.at <= this.end;
    const middle = shown ? this.moment.at : (this.begin + this.end) / 2;
    const half = (this.end - this.begin) * factor / 2;
    this.set(middle - half, middle + half);
  }

  pan(share) {
    const by = (this.end - this.begin) * share;
    this.set(this.begin + by, this.end + by);
  }

  // Near enough to see what happened around it, far enough to see what led to it.
  show(moment) {
    this.moment = moment;
    const half = Math.min(Math.max(this.duration / 8, 750), 3000);
    // A verdict over a window is often given at the window's end: then what led to it is before.
    const begin = moment.begin === null ? moment.at - half
      : Math.max(Math.min(moment.begin - half / 4, moment.at - half), moment.at - this.duration * 0.6);
    this.set(Math.max(begin, 0), Math.min(moment.at + half, this.duration));
  }
}

// Seconds between ticks so that no more than `most` of them are in the range.
function tickLength(range, most) {
  for (let power = 0; ; ++power) {
    for (const digit of [1, 2, 5]) {
      const length = digit * 10 ** power;
      if (range / length <= most) return length;
    }
  }
}
