// THE table of a policy file's keys. A new setting is one line here, and one in PolicyReader.

internal import Evaluation

extension Shape {
  /// A policy file.
  static let policy = Shape.object(
    [
      Field("apiVersion", .choice(["hostfence.dev/v1"]), isRequired: true, "The version of this format."),
      Field("kind", .choice(["Policy"]), isRequired: true, "Always Policy."),
      Field("mode", modes, "What is done about an attachment in namespaces without a rule; warn by default."),
      Field("denyFrom", .text(.moment), "From this moment on the mode warn is deny."),
      Field("namespaces", .list(namespaceRule), "Modes by namespace; the first rule that matches decides."),
      Field(
        "updates",
        .choice(UpdateTolerance.allCases.map(\.rawValue)),
        "How far an update may keep an old attachment: introduced (as it was), unchanged (while its pod spec is), any (no)."
      ),
      Field("exemptions", .list(exemption), "Who or what may use the node's network; the first that matches frees."),
      Field("customResources", .list(customResource), "Places of custom resources where hostNetwork may be denied."),
      Field("neverAttaching", .list(neverAttaching), "Further kinds that speak about pods and make none."),
      Field("risk", risk, "What an attachment is worth in Risk-Based Alerting."),
    ],
    .denyFromWantsWarn
  )

  private static let modes = Shape.choice(Mode.allCases.map(\.rawValue))

  private static let namespaceRule = Shape.object(
    [
      Field("match", .list(.text(.namespace)), isRequired: true, "Namespaces; one of the patterns must match."),
      Field("mode", modes, isRequired: true, "What is done about an attachment there."),
      Field("denyFrom", .text(.moment), "From this moment on the mode warn is deny."),
    ],
    .denyFromWantsWarn
  )

  private static let exemption = Shape.object([
    Field("id", .text(.id), isRequired: true, "Names the exemption in decisions, risk events and reports."),
    Field("reason", .text(.words), isRequired: true, "Why this may use the node's network."),
    Field("owner", .text(.words), isRequired: true, "The person or team that answers for it."),
    Field("expires", .text(.moment), "The first moment at which it no longer holds."),
    Field("record", .boolean, "Whether what it frees is recorded, with the score 0; true by default."),
    Field("match", conditions, isRequired: true, "All conditions that are given must hold."),
  ])

  /// Who and what an exemption or a risk factor is about.
  static let conditions = Shape.object(
    [
      Field("namespaces", .list(.text(.namespace)), "The object's namespace; only * matches cluster-scoped objects."),
      Field("names", .list(.text(.name)), "The object's name; with generateName, every name that could come of it."),
      Field("kinds", .list(.text(.kind)), "The object's kind, in any group or in one."),
      Field("users", .list(.text(.user)), "The requester's name."),
      Field("groups", .list(.text(.user)), "One of the requester's groups."),
      Field("serviceAccounts", .list(.text(.serviceAccount)), "The requester, when it is a service account."),
      Field("ownerWorkloads", .list(workload), "The workload that the object is, or that controls it."),
      Field("images", .list(.text(.image)), "Every image of the pod must match one of these."),
    ],
    .anyField
  )

  private static let workload = Shape.object([
    Field("kind", .text(.plainKind), isRequired: true, "The workload's kind."),
    Field("name", .text(.name), isRequired: true, "The workload's name."),
  ])

  private static let customResource = Shape.object([
    Field("group", .text(.group), isRequired: true, "The API group."),
    Field("kind", .text(.plainKind), isRequired: true, "The kind."),
    Field("path", .text(.path), isRequired: true, "The field, as messages name it."),
  ])

  private static let neverAttaching = Shape.object([
    Field("group", .text(.group), isRequired: true, "The API group."),
    Field("kind", .text(.plainKind), "The kind; all of the group by default."),
  ])

  private static let risk = Shape.object(
    [
      Field("impact", .integer(0...100), "How bad an attachment would be; 70 by default."),
      Field("confidence", .integer(0...100), "How sure a pod spec with hostNetwork is one; 70 by default."),
      Field("possibleConfidence", .integer(0...100), "The same for a field that only may attach; 30 by default."),
      Field("deduplication", .text(.duration), "The same attachment by the same user counts once in this time; 24h."),
      Field("factors", .list(factor), "What adds to a score or multiplies it."),
      Field(
        "controllers",
        .list(.text(.controller)),
        "Controllers beside Kubernetes' own: what they derive is charged to whoever made the owner."
      ),
      Field("escalation", escalation, "When a warning becomes a denial because of who asks; never by default."),
    ],
    .anyField
  )

  private static let escalation = Shape.object([
    Field(
      "above",
      .integer(0...RiskEscalation.thresholdMax),
      isRequired: true,
      "The user's counted risk above which the mode warn is deny."
    ),
    Field("window", .text(.duration), "The time in which risk adds up; 24h by default."),
  ])

  private static let factor = Shape.object(
    [
      Field("id", .text(.id), isRequired: true, "Names the factor."),
      Field(
        "aggravations",
        .list(.choice(HostNetworkAttachment.Aggravation.allCases.map(\.rawValue))),
        "One of these must make the attachment worse."
      ),
      Field("match", conditions, "All conditions that are given must hold."),
      Field("add", .integer(-1_000...1_000), "Points to add to the score."),
      Field("multiply", .number(0...100), "What to multiply the score by, after all additions."),
    ],
    .oneOf("add", "multiply")
  )
}
