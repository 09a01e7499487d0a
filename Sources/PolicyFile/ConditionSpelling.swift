// Whether conditions that a program made can be written into a policy file.

package import Evaluation

/// Tells whether a policy file can spell conditions, by the shapes that the file is checked against.
package struct ConditionSpelling {
  private var check = ShapeCheck()

  /// Begins with nothing compiled.
  package init() {}

  /// Whether every pattern of the conditions may stand in a policy file.
  package mutating func canSpell(_ conditions: RequestConditions) -> Bool {
    guard case .object(let fields, _) = Shape.conditions else { return false }
    return fields.allSatisfy { field in
      guard let condition = RequestConditions.Condition(rawValue: field.key) else { return false }
      if condition == .ownerWorkloads {
        return conditions.ownerWorkloads.allSatisfy {
          check.accepts($0.kind.text, .plainKind) && check.accepts($0.name.text, .name)
        }
      }
      guard case .list(.text(let rule)) = field.shape else { return false }
      return conditions.patterns(condition).allSatisfy { check.accepts($0, rule) }
    }
  }
}
