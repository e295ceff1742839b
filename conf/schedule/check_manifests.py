"""Checks manifests against the schemas of Kubernetes and of the Flink Kubernetes Operator: JAR MANIFEST..."""

import sys
import zipfile

import jsonschema
import kubernetes_validate
import yaml

KUBERNETES = "1.30"


def closed(schema: dict) -> dict:
    """The same schema, refusing keys that it does not name, as the API server prunes them."""
    if isinstance(schema, dict):
        if "properties" in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            closed(value)
    return schema


def main() -> None:
    with zipfile.ZipFile(sys.argv[1]) as jar:
        crd = yaml.safe_load(jar.read("META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"))
    flink = closed(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"])
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            for manifest in yaml.safe_load_all(file):
                if manifest["kind"] == "FlinkDeployment":
                    jsonschema.validate(manifest["spec"], flink)
                else:
                    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
                print(f"{path}: {manifest['kind']} {manifest['metadata']['name']} is valid")


if __name__ == "__main__":
    main()
