# The analytic's search on one audit event: the values of the by-fields and the groups of each event it finds, for
# `sort | uniq -c` to count. A missing value is 0, as Splunk's fillnull has it.
def annotation: "kubectl.kubernetes.io/last-applied-configuration";

select(.objectRef.resource == "pods" and (.verb == "create" or .verb == "update"))
| (.requestObject | objects) as $request
| ($request.metadata.annotations[annotation] // "") as $applied
| select($applied | contains("\"hostNetwork\":true"))
| (.sourceIPs // ["0"])[] as $address
| [
    .kind // "0", .objectRef.name // "0", .objectRef.namespace // "0", .objectRef.resource, $request.kind // "0",
    .responseStatus.code // "0", $address, .stage // "0", .user.username // "0", .userAgent // "0", .verb, $applied,
    (.user.groups // ["0"])
  ]
