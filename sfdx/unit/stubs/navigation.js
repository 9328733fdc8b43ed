// As the preset's stub, and it remembers where a component went.
import { createTestWireAdapter } from '@salesforce/wire-service-jest-util';

export const CurrentPageReference = createTestWireAdapter(jest.fn());

const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');
let last;

export const NavigationMixin = (Base) =>
    class extends Base {
        [Navigate](pageReference, replace) {
            last = { pageReference, replace };
        }
        [GenerateUrl]() {
            return Promise.resolve('https://www.example.com');
        }
    };
NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;

/** {pageReference, replace} of the last navigation. */
export const getNavigateCalledWith = () => last;
