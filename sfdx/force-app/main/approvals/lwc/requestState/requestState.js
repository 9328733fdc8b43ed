import { LightningElement, api } from 'lwc';

/** Where a request stands, who holds it, since when and until when. request: as the API shows one. */
export default class RequestState extends LightningElement {
    @api request;

    get holder() {
        const { side, who } = this.request.holder;
        return who || (side === 'requester' ? 'partner' : side);
    }
}
