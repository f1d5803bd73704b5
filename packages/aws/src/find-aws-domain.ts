/** The domain below which AWS's services of a region are: `eu-west-1.amazonaws.com`. */
export function findAwsDomain(region: string): string {
  return `${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
