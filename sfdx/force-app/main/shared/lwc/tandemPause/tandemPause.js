/** Does something once, after nothing has asked for it for a while: one search for many keystrokes. */
export class Pause {
    /** action: what to do. milliseconds: how long nothing must have asked. */
    constructor(action, milliseconds) {
        this.action = action;
        this.milliseconds = milliseconds;
    }

    /** Ask for it, and begin to wait anew. */
    again() {
        this.end();
        this.timer = setTimeout(this.action, this.milliseconds);
    }

    /** Ask for it no longer. */
    end() {
        clearTimeout(this.timer);
    }
}
