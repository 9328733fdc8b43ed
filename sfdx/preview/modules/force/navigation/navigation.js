// Stands in for lightning/navigation: the preview's own addresses for Lightning's page references.
import { current, go, subscribe, urlOf } from 'preview/router';

const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');

export const NavigationMixin = (Base) =>
    class extends Base {
        [Navigate](reference, replace) {
            go(reference, replace);
        }
        async [GenerateUrl](reference) {
            return urlOf(reference);
        }
    };
NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;

export class CurrentPageReference {
    constructor(emit) {
        this.emit = emit;
    }
    connect() {
        this.unsubscribe = subscribe((reference) => this.emit(reference));
        this.emit(current());
    }
    update() {}
    disconnect() {
        this.unsubscribe();
    }
}
