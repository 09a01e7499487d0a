// Descriptions of datasets, as those of Splunk's attack_data repository are written, and what is wrong with others.

import AttackData
import Manifests
import Testing

@Suite struct AttackDatasetTests {
  private static let description = """
    author: A. Analyst
    id: 462dfa0b-7aa4-4498-927b-8d9743141e3a
    date: '2023-12-14'
    description: Audit logs of a pod on the node's network.
    environment: attack_range
    directory: host_network
    mitre_technique:
    - T1204
    datasets:
    - name: host_network
      path: /datasets/attack_techniques/T1204/host_network/audit.json
      sourcetype: __json
      source: audit
    - path: more.json.gz
      index: attack

    """

  private func dataset(_ text: String, _ file: String = "a/b.yml") throws -> AttackDataset {
    try AttackDataset(Array(text.utf8), file: file)
  }

  @Test func `logs have what the description says of them, and nothing else`() throws {
    let dataset = try dataset(Self.description)
    #expect(dataset.id == "462dfa0b-7aa4-4498-927b-8d9743141e3a")
    #expect(dataset.logs.map(\.source) == ["audit", nil])
    #expect(dataset.logs.map(\.sourcetype) == ["__json", nil])
    #expect(dataset.logs.map(\.index) == [nil, "attack"])
    #expect(
      dataset.logs.map(\.place.position) == [SourcePosition(line: 10, column: 3), SourcePosition(line: 14, column: 3)]
    )
    #expect(try self.dataset("datasets: [{path: x}]").id == nil)
  }

  @Test(arguments: [
    ("more.json", "set/b.yml", ["set/more.json"]), ("more.json", "b.yml", ["more.json"]),
    ("../x/more.json", "./set/b.yml", ["set/../x/more.json"]), ("more.json", "/set/b.yml", ["/set/more.json"]),
    (
      "/datasets/l", "/r/datasets/s/b.yml",
      ["/r/datasets/s/datasets/l", "/r/datasets/datasets/l", "/r/datasets/l", "/datasets/l"]
    ),
  ])
  func `a log is looked for from the description's folder, or from the repository's root`(
    path: String,
    file: String,
    places: [String]
  ) throws {
    #expect(try dataset("datasets: [{path: \(path)}]", file).logs[0].paths == places)
  }

  @Test func `the root of the repository is looked for above the working folder as well`() throws {
    let places = try dataset("datasets: [{path: /datasets/l}]", "s/b.yml").logs[0].paths
    #expect(places.prefix(4) == ["s/datasets/l", "datasets/l", "../datasets/l", "../../datasets/l"])
    #expect(places.count == 16)
  }

  @Test(arguments: [
    ("", nil, "is empty"), ("a: 1", nil, "no list of datasets"), ("[1]", 1, "object"), ("datasets: []", nil, "no list"),
    ("datasets: {path: x}", nil, "no list"), ("id: x\ndatasets:\n- name: n\n  source: s\n", 3, "has no path"),
    ("id: x\ndatasets: [x]", 2, "has no path"), ("datasets: [{path: ''}]", 1, "has no path"),
    ("datasets: [{path: 7}]", 1, "has no path"), ("id: x\ndatasets:\n- {}\ntags: 1\n", 2, "has no path"),
    ("id: [", 1, ""),
    ("id: {a: {b: 1}}\ntags: [{c: 2}]\ndatasets:\n- path: x\n- name: n\n", 5, "has no path"),
    ("id: x\ndataset:\n- https://media.example.com/a.json\n", 2, "fetch them"),
    ("datasets: [{path: x}]\n---\ndatasets: [{path: y}]", nil, "several documents"),
  ])
  func `what is no description is refused with the place and what to do`(text: String, line: Int?, words: String) throws
  {
    let problem = try #require(throws: InputProblem.self) { try dataset(text) }
    #expect(problem.file == "a/b.yml")
    #expect(problem.position?.line == line, "\(problem)")
    #expect(problem.message.contains(words), "\(problem)")
  }
}
