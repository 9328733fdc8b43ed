import { labelOf, labels } from 'c/tandemLabels';

const CURRENCIES = ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'CAD', 'SEK', 'DKK', 'NOK', 'PLN', 'CZK', 'AUD', 'CNY', 'INR', 'BRL', 'MXN'];

/** The registration as a form description. What the API requires at submission is required here. */
export function dealForm() {
    const field = (name, type, more = {}) => ({
        name,
        type,
        label: labelOf('deal', name),
        help: labelOf('deal', `${name}_help`),
        ...more,
    });
    return {
        sections: [
            {
                key: 'customer',
                title: labels.dealSectionCustomer,
                help: labels.dealSectionCustomerHelp,
                fields: [
                    field('customer_name', 'text', { required: true, max_length: 255 }),
                    field('customer_country', 'text', { required: true, max_length: 80 }),
                    field('customer_city', 'text', { max_length: 40 }),
                    field('customer_postal_code', 'text', { max_length: 20 }),
                    field('customer_website', 'text', { max_length: 255 }),
                ],
            },
            {
                key: 'contact',
                title: labels.dealSectionContact,
                fields: [
                    field('contact_first_name', 'text', { max_length: 40 }),
                    field('contact_last_name', 'text', { required: true, max_length: 80 }),
                    field('contact_email', 'email', { required: true, max_length: 80 }),
                    field('contact_phone', 'phone', { max_length: 40 }),
                ],
            },
            {
                key: 'deal',
                title: labels.dealSectionDeal,
                fields: [
                    field('product_family', 'text', { required: true, max_length: 80 }),
                    field('close_date', 'date', { required: true }),
                    field('amount', 'money', { required: true, min: 0.01 }),
                    field('currency', 'currency', {
                        required: true,
                        options: CURRENCIES.map((code) => ({ value: code, label: code })),
                    }),
                    field('description', 'long_text', { max_length: 4000 }),
                ],
            },
        ],
    };
}
