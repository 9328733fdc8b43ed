// Drives a local org with jsforce and prints what it saw as JSON: node jsforce_client.mjs URL TOKEN
import jsforce from "jsforce";

const [instanceUrl, accessToken] = process.argv.slice(2);
const connection = new jsforce.Connection({ instanceUrl, accessToken, version: "67.0" });
const seen = {};

const identity = await connection.identity();
seen.username = identity.username;
seen.versions = (await connection.request("/services/data")).some((found) => found.version === "67.0");

const created = await connection.sobject("Account").create({ Name: "Acme", NumberOfEmployees: 5 });
seen.created = created.success;
const read = await connection.sobject("Account").retrieve(created.id);
seen.read = [read.Name, read.NumberOfEmployees, read.attributes.type];
const changed = await connection.sobject("Account").update({ Id: created.id, Name: "Acme 2" });
seen.changed = changed.success;

const upserts = [];
for (const name of ["First", "Second"]) {
  const result = await connection
    .sobject("Account")
    .upsert({ Tandem_Id__c: "js-1", Name: name }, "Tandem_Id__c");
  upserts.push([result.success, result.created === true]);
}
seen.upserts = upserts;

const many = await connection
  .sobject("Contact")
  .create([{ LastName: "A", AccountId: created.id }, { FirstName: "nobody" }]);
seen.many = many.map((item) => [item.success, item.errors.map((error) => error.statusCode)]);

const children = await connection.query(
  `SELECT Id, Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '${created.id}'`
);
seen.children = children.records[0].Contacts.records.map((record) => record.LastName);

const rows = Array.from({ length: 450 }, (_, n) => ({ Name: `Row ${n}` }));
await connection.sobject("Account").create(rows, { allowRecursive: true });
const fetched = await new Promise((resolve, reject) => {
  let count = 0;
  connection
    .query("SELECT Id FROM Account WHERE Name LIKE 'Row %'", {
      headers: { "Sforce-Query-Options": "batchSize=200" },
    })
    .on("record", () => (count += 1))
    .on("end", () => resolve(count))
    .on("error", reject)
    .run({ autoFetch: true, maxFetch: 1000 });
});
seen.fetched = fetched;

connection.bulk2.pollInterval = 100;
connection.bulk2.pollTimeout = 20000;
const bulk = await connection.bulk2.loadAndWaitForResults({
  object: "Account",
  operation: "insert",
  input: [{ Name: "Bulk 1" }, { Name: "Bulk 2" }, { Name: "x".repeat(300) }],
});
seen.bulk2 = [bulk.successfulResults.length, bulk.failedResults.length, bulk.unprocessedRecords.length];
const stream = await connection.bulk2.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Bulk %'");
seen.bulk2Query = (await stream.toArray()).map((record) => record.Name).sort();

connection.bulk.pollInterval = 100;
connection.bulk.pollTimeout = 20000;
const old = await connection.bulk.load("Account", "insert", [{ Name: "Old 1" }, { Name: "Old 2" }]);
seen.bulk = old.map((item) => item.success);

const composite = await connection.request({
  method: "POST",
  url: "/services/data/v67.0/composite",
  body: JSON.stringify({
    compositeRequest: [
      { method: "GET", url: "/services/data/v67.0/limits", referenceId: "limits" },
    ],
  }),
  headers: { "content-type": "application/json" },
}).then(
  () => "answered",
  (error) => error.errorCode
);
seen.composite = composite;

const described = await connection.sobject("Account").describe();
seen.described = described.fields.some((field) => field.name === "Tandem_Id__c" && field.externalId);
const deleted = await connection.sobject("Account").destroy(created.id);
seen.deleted = deleted.success;
const missing = await connection
  .sobject("Account")
  .retrieve(created.id)
  .then(
    () => "found",
    (error) => error.errorCode
  );
seen.missing = missing;
seen.limit = connection.limitInfo.apiUsage.limit;
process.stdout.write(JSON.stringify(seen));
