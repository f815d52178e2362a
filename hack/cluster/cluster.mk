# Targets for the cluster to test on; the Makefile includes this file.
# CLUSTER=local|kind|current picks where it comes from: kind where a Docker engine answers, else
# local. Everything here runs on any Python from 3.11 on, without the project's environment.

CLUSTER_PYTHON ?= python3
CLUSTER_TOOL = $(CLUSTER_PYTHON) hack/cluster/cluster.py

.PHONY: cluster-up cluster-down cluster-status images apiserver-binary

cluster-up: ## Bring up a real cluster; .cluster/kubeconfig leads to it
	@$(CLUSTER_TOOL) up

cluster-down: ## End it and everything that belongs to it
	@$(CLUSTER_TOOL) down

cluster-status: ## Tell what runs and what is wrong
	@$(CLUSTER_TOOL) status

images: ## Build the images and load them into the cluster (BASE_IMAGE=..., PUSH=registry/prefix)
	@$(CLUSTER_TOOL) images

apiserver-binary: ## Compile what the tests start as API server (once; `cluster-up` does it too)
	@$(CLUSTER_TOOL) build
