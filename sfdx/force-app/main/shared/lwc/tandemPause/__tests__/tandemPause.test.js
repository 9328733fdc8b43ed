import { Pause } from 'c/tandemPause';

describe('a pause', () => {
    let done;
    let pause;

    beforeEach(() => {
        jest.useFakeTimers();
        done = jest.fn();
        pause = new Pause(done, 300);
    });

    afterEach(() => jest.useRealTimers());

    it('makes one of many, once nothing more comes', () => {
        pause.again();
        jest.advanceTimersByTime(299);
        pause.again();
        jest.advanceTimersByTime(299);
        expect(done).not.toHaveBeenCalled();
        jest.advanceTimersByTime(1);
        expect(done).toHaveBeenCalledTimes(1);
    });

    it('does nothing once it has ended', () => {
        pause.again();
        pause.end();
        jest.runAllTimers();
        expect(done).not.toHaveBeenCalled();
    });
});
