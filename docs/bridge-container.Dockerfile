FROM public.ecr.aws/docker/library/node:24-alpine
WORKDIR /bridge
RUN npm install --omit=dev --ignore-scripts @amplify-discovery/cli@0.1.0
USER node
ENTRYPOINT ["/bridge/node_modules/.bin/discovery"]
CMD ["bridge", "--help"]
