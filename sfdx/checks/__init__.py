"""What can be known about the Salesforce sources without an org. A check reads files and runs none of them.

findings     what a check says: file, line, what is wrong, how to mend it
tools        Node, Java and the npm packages, from this machine or from Python packages
sources      the files of the project as data: XML with line numbers, components, classes, the org's schema
apex         Apex as text: what is code, what is comment, what is a string
analyzer     Salesforce Code Analyzer with the rules for AppExchange, security and good practice
types        Apex's types, by apex-ls
soql         the objects, columns and relationships that Apex asks for
format       Apex in prettier's shape
metadata     metadata files beside the types of the Metadata API
inventory    what the project has, by kind and name
mentions     every place at which one thing names another
references   what is named exists, and what exists is used, granted and listed
mappings     what mappings read and write is there, fits, and is granted to Tandem's user

`python -m sfdx.checks` runs them all, `python -m sfdx.checks types soql` those.
"""
